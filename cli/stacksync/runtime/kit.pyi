from src.runtime.compat.kit import *
