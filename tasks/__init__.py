"""One side effect each: storing, reading, writing, sending. Flows call these; these never call a flow."""
