"""The bars a demo is held against before it is shown: what a prospect's head of data forgives. Shares are 0-1."""

#: Golden queries a demo has at least, and of each complexity at least.
LEAST_QUERIES = 12
LEAST_OF_EACH_COMPLEXITY = 2
#: Queries whose result is worth a chart.
INTERESTING_BAR = 0.90
#: Questions of the script, paraphrases and repeats that the agent answers with the verified rows.
SCRIPTED_BAR = 0.95
PARAPHRASE_BAR = 0.80
REPEAT_BAR = 0.90
#: A schema that a prospect takes in at a glance and still takes seriously.
FEWEST_TABLES, MOST_TABLES = 5, 12
#: Below this the industry was guessed rather than read.
INDUSTRY_CONFIDENCE_BAR = 0.5
#: Checks of the data against real sets that pass: one wrong shape and whoever knows the business doubts the rest.
REALISM_BAR = 1.0
#: Standard deviations by which a planted insight stands out of its own seasonal history, at least: five sigma, by which physics
#: calls something discovered ...
LEAST_INSIGHT_Z = 5.0
#: ... and by which anything unplanned may, after allowing for the number of figures searched: 1 in 370 for chance alone.
MOST_UNPLANNED_Z = 3.0
