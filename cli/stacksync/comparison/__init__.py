"""What differs between two answers, and between two forms: pure functions, which rate nothing."""
