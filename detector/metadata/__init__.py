"""Reads the metadata of photos: EXIF, XMP, IPTC and the texts of PNG files, in all containers.

The API only needs `values`, so this module does not import the readers.
"""
