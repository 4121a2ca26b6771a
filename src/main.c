/* The program: picks a command and runs it. */
int main(void)
{
    return 0;
}
