from src.runtime.tooling import *
