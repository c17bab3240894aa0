"""Letters (函件): composed from templates, kept in the outbox, sent once each."""
