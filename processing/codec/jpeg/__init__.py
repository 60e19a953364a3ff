"""JPEG to JPEG without leaving YUV, through the libjpeg-turbo inside Pillow's wheel. For children of the codec only."""
