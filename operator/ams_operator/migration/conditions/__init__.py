"""The conditions of a migration, judged from `inputs.Inputs` alone."""

from ams_operator.migration.conditions.finding import Finding as Finding
from ams_operator.migration.conditions.finding import Step as Step
from ams_operator.migration.conditions.finding import Type as Type
from ams_operator.migration.conditions.judging import judge as judge
from ams_operator.migration.conditions.judging import steps as steps
from ams_operator.migration.conditions.polling import polled as polled
