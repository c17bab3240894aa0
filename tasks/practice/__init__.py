"""The practice year (演练): an invented county whose departments send real files and answer real letters."""
