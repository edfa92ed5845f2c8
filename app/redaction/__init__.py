"""Takes secrets out of whatever leaves this computer, and leaves named placeholders. No I/O."""
