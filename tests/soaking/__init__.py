"""A kiosk that attends to hundreds of visitors, at full speed, with all that can go wrong."""
