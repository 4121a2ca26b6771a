"""The name under which programs written for pcapml import the module labelcap."""

from labelcap import *
