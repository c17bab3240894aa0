"""One deployable flow per official step of the evaluation year (年度评价工作)."""
