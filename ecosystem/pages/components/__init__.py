"""The parts pages are made of. Each takes plain values or ``rx.Var``; docs/components.md lists them."""
