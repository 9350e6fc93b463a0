__version__ = "0.1.0"

# in the order in which the notebooks are read
from hamux_lit.module import *
from hamux_lit.plot import *
from hamux_lit.graph import *
from hamux_lit.drawing import *
from hamux_lit.quasi_newton import *
from hamux_lit.training import *
from hamux_lit.lagrangians import *
from hamux_lit.competing import *
from hamux_lit.duals import *
from hamux_lit.sparse import *
from hamux_lit.algebra import *
from hamux_lit.fenchel_young import *
from hamux_lit.quotient import rational_function, rational_poles
from hamux_lit.fitting import *
from hamux_lit.tables import *
from hamux_lit.rational import *
from hamux_lit.spline import *
from hamux_lit.spline_layer import *
from hamux_lit.monotone import *
from hamux_lit.learned import *
from hamux_lit.certificates import *
from hamux_lit.kan import *
from hamux_lit.kan_grids import *
from hamux_lit.kan_training import *
from hamux_lit.kan_looking import *
from hamux_lit.symbolic import *
from hamux_lit.formulas import *
from hamux_lit.monotone_kan import *
from hamux_lit.grkan import *
from hamux_lit.multiplication import *
from hamux_lit.ham import *
from hamux_lit.synapses import *
from hamux_lit.dynamics import *
from hamux_lit.equilibrium import *
from hamux_lit.bank import *
from hamux_lit.random_features import *
from hamux_lit.transformer import *
from hamux_lit.binary import *
from hamux_lit.sampling import *
from hamux_lit.analysis import *
from hamux_lit.micrograd import Value, check_gradient, numerical_derivative    # its small nets are for their page
