"""What positions, papers and thresholds say is wrong, as findings.

Every finding tells the positions, the figures and the threshold rows that it rests on, so that
anyone can compute it again.
"""
