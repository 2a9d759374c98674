"""Development tools: embedded servers, the local stack, the simulator and the demo."""
