"""What ``jixiao`` does on a command line, one command a file (命令行命令)."""
