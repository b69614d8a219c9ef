"""The Qt face: window, tray, pages, models."""
