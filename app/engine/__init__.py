"""What the window and the command line both drive: settings, relay, tunnels, history and replay as one workspace."""
