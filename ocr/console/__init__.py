"""Pages in the browser that start, stop and compare trainings and show what they read: Streamlit.

The console holds no state of its own: every page is made from the folders of runs and data, so that it can be killed
at any time and a new one shows the same.
"""
