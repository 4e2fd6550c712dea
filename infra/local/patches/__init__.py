"""What the pinned MiniStack does differently here, and why.

Each module changes one thing by replacing attributes of the imported
emulator. They lean on internals, which is why `launcher` refuses any version
but the one in requirements.txt.
"""
