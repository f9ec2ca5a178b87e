"""The packages a connector asks for: requirements.txt, requirements.lock, and the imports they give."""
