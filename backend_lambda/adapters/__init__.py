"""What AWS is to the core: the adapters of its four ports, events in, results out. boto3 is imported here only."""
