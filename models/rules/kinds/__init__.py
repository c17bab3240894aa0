"""The rule kinds (计分方式), one small file each: pure functions from facts and figures to a verdict."""
