"""The forms that departments of the practice county fill in (演练县的表样), and how they become files."""
