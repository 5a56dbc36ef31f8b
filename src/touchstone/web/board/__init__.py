"""The board: indicators, what is behind them, the sources' numbers, the wall screen."""
