"""FFmpeg and media files: probing, command lines, processes, verification, replacement."""
