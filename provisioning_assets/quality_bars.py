"""Limits that a demo must keep before it is shown. They are set for a demanding viewer: a prospect's head of data.

Shares are numbers from 0 to 1.
"""

#: Smallest number of golden queries in a demo, and of those of each complexity.
LEAST_QUERIES = 12
LEAST_OF_EACH_COMPLEXITY = 2
#: Smallest share of golden queries whose result is worth a chart.
INTERESTING_BAR = 0.90
#: Smallest shares of scripted questions and repeats that the agent answers with the verified rows.
SCRIPTED_BAR = 0.95
REPEAT_BAR = 0.90
#: Largest share of paraphrases that the agent answers with other rows than the verified ones. How many it refuses has no bar: a
#: refusal offers questions that work, a wrong figure ends the demo.
PARAPHRASE_WRONG_BAR = 0.10
#: Largest share of fresh questions (made from the data model, with rows known to be right) that the agent answers wrongly.
FRESH_WRONG_BAR = 0.03
#: Smallest and largest number of tables: enough to look like a real company, few enough to understand at a glance.
FEWEST_TABLES, MOST_TABLES = 5, 12
#: Smallest confidence (0 to 1) with which an industry counts as read from the site. Below it, the industry is a guess.
INDUSTRY_CONFIDENCE_BAR = 0.5
#: Smallest share of realism checks that pass. It is 1, because one unrealistic pattern makes an expert doubt all the data.
REALISM_BAR = 1.0
#: Smallest number of standard deviations by which a planted insight must differ from its own seasonal history. Effects are planted
#: for five, the threshold for a discovery in physics; the figure of one demo itself varies by one from seed to seed.
LEAST_INSIGHT_Z = 4.0
#: Largest accepted number of standard deviations of an unplanned finding, corrected for the number of figures that were
#: searched. Chance alone exceeds three standard deviations in 1 of 370 demos.
MOST_UNPLANNED_Z = 3.0
