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
