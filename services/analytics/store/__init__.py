"""The SQL of analytics, a file for each subject: each query named, one purpose each."""

GROUP = "analytics.learning"
SCHEMA = "analytics"
