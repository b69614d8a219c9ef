"""What every test gets: an offscreen Qt and folders of its own."""

import os

# Before the first Qt import, or Qt looks for a display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
# The keyring of whoever runs the tests is not theirs to fill.
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
