%%bash
echo 海草
