raise ValueError("还没写完")
