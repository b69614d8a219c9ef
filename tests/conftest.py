"""What every test gets: an offscreen Qt and folders of its own."""

import os

# Before the first Qt import, or Qt looks for a display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
