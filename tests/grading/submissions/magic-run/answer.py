%run adding.py
