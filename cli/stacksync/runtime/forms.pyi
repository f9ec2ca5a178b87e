from src.runtime.forms import *
