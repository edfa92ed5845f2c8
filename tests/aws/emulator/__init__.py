"""A local AWS that enforces the rules of the real one; docs/aws-emulator.md says which."""
