// Behaviour of the shared parts that needs no server.
