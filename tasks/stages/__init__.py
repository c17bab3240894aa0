"""The core of every official step (各环节业务处理), one file a step, without the workflow engine.

Each function here can be run twice and killed anywhere: it reads the state, does what is missing and commits in short
transactions. Flows (``flows``) call these in the order of the office manual.
"""
