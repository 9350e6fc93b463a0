__version__ = "0.1.0"

from hamux_lit.lagrangians import *
from hamux_lit.micrograd import *
from hamux_lit.module import *
from hamux_lit.plot import *
from hamux_lit.rational import *
from hamux_lit.rational_fit import *
