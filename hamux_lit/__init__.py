__version__ = "0.1.0"

from hamux_lit.competing import *
from hamux_lit.duals import *
from hamux_lit.ham import *
from hamux_lit.grkan import *
from hamux_lit.kan import *
from hamux_lit.kan_training import *
from hamux_lit.kan_looking import *
from hamux_lit.lagrangians import *
from hamux_lit.certificates import *
from hamux_lit.learned import *
from hamux_lit.micrograd import *
from hamux_lit.module import *
from hamux_lit.plot import *
from hamux_lit.quotient import rational_function, rational_poles
from hamux_lit.rational import *
from hamux_lit.fitting import *
from hamux_lit.spline import *
from hamux_lit.spline_layer import *
from hamux_lit.tables import *
