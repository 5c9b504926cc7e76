"""Figures for operators: statistics, metrics, health."""
