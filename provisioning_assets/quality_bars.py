"""The bars that a demo must reach before it is shown, set for a prospect's head of data. Shares are 0-1."""

#: Least number of golden queries in a demo, and of each complexity.
LEAST_QUERIES = 12
LEAST_OF_EACH_COMPLEXITY = 2
#: Share of queries whose result is worth a chart.
INTERESTING_BAR = 0.90
#: Shares of scripted questions, paraphrases and repeats that the agent answers with the verified rows.
SCRIPTED_BAR = 0.95
PARAPHRASE_BAR = 0.80
REPEAT_BAR = 0.90
#: Number of tables: few enough to understand at a glance, enough to be taken seriously.
FEWEST_TABLES, MOST_TABLES = 5, 12
#: Below this confidence, the industry was guessed, not read from the site.
INDUSTRY_CONFIDENCE_BAR = 0.5
#: Share of checks against real data sets that pass. One wrong shape makes an expert doubt all the data.
REALISM_BAR = 1.0
#: Least number of standard deviations by which a planted insight differs from its own seasonal history: five sigma, the
#: threshold for a discovery in physics.
LEAST_INSIGHT_Z = 5.0
#: Most standard deviations for anything unplanned, corrected for the number of figures searched: by chance 1 in 370.
MOST_UNPLANNED_Z = 3.0
