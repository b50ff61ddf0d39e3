from hypothesis import settings

settings.register_profile("pixtag", deadline=None)
settings.load_profile("pixtag")
