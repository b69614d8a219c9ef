"""What installs, starts and packages the program."""
