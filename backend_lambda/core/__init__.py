"""The decisions of the backend as async functions over four ports; the same code in the relay and in Lambda."""
