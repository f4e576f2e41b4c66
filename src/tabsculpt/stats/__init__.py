"""Statistics of results: is a difference more than noise, and what does the noise come from?"""
