__version__ = "0.1.0"

from hamux_lit.competing import *
from hamux_lit.duals import *
from hamux_lit.ham import *
from hamux_lit.kan import *
from hamux_lit.lagrangians import *
from hamux_lit.learned import *
from hamux_lit.micrograd import *
from hamux_lit.module import *
from hamux_lit.plot import *
from hamux_lit.rational import *
from hamux_lit.rational_fit import *
from hamux_lit.spline import *
from hamux_lit.spline_layer import *
