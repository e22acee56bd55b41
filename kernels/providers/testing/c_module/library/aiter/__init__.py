from .ops.rmsnorm import *
